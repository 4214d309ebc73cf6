/** The thin layer between a store's SQL and JDBC: transactions, parameters and rows. No mapping, no query builder. */
package org.understudy.workflow.sql;
