-- What is due at a host, however much there is, is found without a look at all others.
CREATE INDEX deliveries_due_at_host ON deliveries (host, due_at, id) WHERE state = 'waiting' AND engine_uid IS NULL;
