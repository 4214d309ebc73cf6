-- A key stands for one request with one body. Owned by org.understudy.vault.audit.AuditStore.
alter table begun_request add column body text;
comment on column begun_request.body is 'SHA-256 of the body, in hex; null in what versions before 0.2 kept';
