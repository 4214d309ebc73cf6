/** Words that cross a wire: ids, positions, quantities, failures, and what a host has. Imports nothing of ours. */
package org.understudy.model;
