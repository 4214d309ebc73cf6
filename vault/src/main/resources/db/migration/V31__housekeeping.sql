-- When old records were looked at last, and since when the clock has gone steadily. Owned by
-- org.understudy.vault.main.Housekeeping.
create table housekeeping (
    last_at      timestamptz not null,
    steady_since timestamptz not null,
    only_row     boolean     not null default true unique check (only_row)
);
