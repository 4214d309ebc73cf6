/** The product as it runs in a lab: a vault on this machine, an agent in each host, and who asks them over REST. */
package org.understudy.lab.deployment;
