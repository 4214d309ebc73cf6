/**
 * The lab: real libvirt hosts on one machine, their guests, and the proof from a guest's disks of what they hold.
 * {@code lab/README.md} tells the layout and the bytes.
 */
package org.understudy.lab;
