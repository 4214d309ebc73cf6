-- What differs in the VM of a test failover from the VM at its source: a list of sentences; null before it runs.
alter table test_failover add column differences jsonb;
