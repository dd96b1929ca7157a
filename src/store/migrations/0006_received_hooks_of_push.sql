-- Whether `push IS NOT NULL` holds may depend on what a variable is bound to: SQLite would compile every query of this
-- table anew each time it is bound.
DROP INDEX received_hooks_of_push;
CREATE INDEX received_hooks_of_push ON received_hooks (push) WHERE LENGTH(push) > 0;
