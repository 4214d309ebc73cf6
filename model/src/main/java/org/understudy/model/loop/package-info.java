/** What runs for as long as its process does, and goes on whatever it meets. */
package org.understudy.model.loop;
