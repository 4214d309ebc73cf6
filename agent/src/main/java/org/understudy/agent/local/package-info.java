/** What a person asks of the agent at its own host, while no vault is there: a failover, and what can be. */
package org.understudy.agent.local;
