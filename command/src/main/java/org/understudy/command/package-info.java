/** What the vault asks of agents and what agents report: the one module of words between control plane and data plane. */
package org.understudy.command;
