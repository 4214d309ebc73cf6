/** libvirt as the hypervisor: its C library called through the foreign function API, its XML, its backup jobs. */
package org.understudy.hypervisor.libvirt;
