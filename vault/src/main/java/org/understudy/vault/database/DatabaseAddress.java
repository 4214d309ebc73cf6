package org.understudy.vault.database;

/**
 * Where a PostgreSQL answers and as whom to log in.
 *
 * @param password never written to a log
 */
record DatabaseAddress(String url, String user, String password) {
    @Override
    public String toString() {
        return user + " at " + url;
    }
}
