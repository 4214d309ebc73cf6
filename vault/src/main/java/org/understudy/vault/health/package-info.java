/** Health of items, as rules over facts. */
package org.understudy.vault.health;
