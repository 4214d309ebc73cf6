/** The administrator's command line: arguments to the REST client, its answers to tables or JSON, nothing else. */
package org.understudy.cli;
