/** The process on every KVM host: carries out commands, replicates its VMs, keeps replicas of others'. */
package org.understudy.agent;
