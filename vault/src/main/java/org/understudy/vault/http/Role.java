package org.understudy.vault.http;

/** What a caller may do (V-11); each may do what those before it may. */
public enum Role {
    /** Looks. */
    READER,
    /** Fails over, tests, commits; neither enables nor disables protection, nor changes the infrastructure. */
    OPERATOR,
    /** Everything but granting access. */
    CONTRIBUTOR,
    /** Grants access as well. */
    ADMINISTRATOR;

    public boolean allows(Role needed) {
        return compareTo(needed) >= 0;
    }
}
