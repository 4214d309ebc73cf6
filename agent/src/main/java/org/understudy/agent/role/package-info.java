/** Which VMs may start on this host: of two copies of a VM one runs, whoever starts it and whether or not we run. */
package org.understudy.agent.role;
