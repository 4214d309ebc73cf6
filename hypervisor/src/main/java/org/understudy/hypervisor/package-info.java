/** What Understudy needs of a hypervisor: what a host has, points in time of running VMs, defining and starting VMs. */
package org.understudy.hypervisor;
