package org.understudy.vault.database;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import org.postgresql.ds.PGSimpleDataSource;

/** Where the vault's connections come from: none is made while the vault is not alone in the database. */
final class ClaimedSource extends PGSimpleDataSource {
    private static final long serialVersionUID = 1;

    private final transient Optional<SoleUse> soleUse;

    /** @param soleUse empty where nobody else can reach the database */
    ClaimedSource(DatabaseAddress address, Optional<SoleUse> soleUse) {
        this.soleUse = soleUse;
        setURL(address.url());
        setUser(address.user());
        setPassword(address.password());
    }

    @Override
    public Connection getConnection(String user, String password) throws SQLException {
        Connection opened = super.getConnection(user, password);
        try {
            if (soleUse.isPresent()) {
                soleUse.get().require(opened);
            }
            return opened;
        } catch (SQLException e) {
            opened.close();
            throw e;
        }
    }
}
