package org.understudy.vault.http;

/** The REST interface of one feature: says under which paths it answers what. */
public interface Resource {
    void routes(Routes routes);
}
