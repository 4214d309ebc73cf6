/** Names of objects: what they look like, how a request refers to an object, what is said of one that is not there. */
package org.understudy.vault.name;
