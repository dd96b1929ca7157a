-- What `continuous.deploy` needs.

-- Pushes that wait for the event of their deployment at the Git host, which carries the nonce. `plan` and `hook` are JSON;
-- `deployment` is what it became.
CREATE TABLE pushes (
    nonce TEXT NOT NULL PRIMARY KEY,
    app_uid TEXT NOT NULL REFERENCES apps (uid),
    state TEXT NOT NULL,
    plan TEXT NOT NULL,
    hook TEXT NOT NULL,
    user_name TEXT NOT NULL,
    body BYTEA NOT NULL,
    repository TEXT NOT NULL,
    sha TEXT NOT NULL,
    tries BIGINT NOT NULL,
    next_try BIGINT NOT NULL,
    host_deployment BIGINT,
    deployment BIGINT REFERENCES deployments (id),
    created_at BIGINT NOT NULL
);

CREATE INDEX pushes_that_wait ON pushes (app_uid, created_at) WHERE state IN ('new', 'created');

-- The deployments at a Git host that ours answer to. `told` is the last status that the host was told.
CREATE TABLE host_deployments (
    deployment BIGINT NOT NULL PRIMARY KEY REFERENCES deployments (id),
    repository TEXT NOT NULL,
    host_deployment BIGINT NOT NULL,
    told TEXT
);

CREATE INDEX host_deployments_to_tell ON host_deployments (deployment)
    WHERE told IS NULL OR told IN ('queued', 'in_progress');

-- A delivery is accepted as a deployment or as a push that waits.
CREATE TABLE received_hooks_and_pushes (
    app_uid TEXT NOT NULL REFERENCES apps (uid),
    modifiers TEXT NOT NULL,
    delivery TEXT NOT NULL,
    deployment BIGINT REFERENCES deployments (id),
    push TEXT REFERENCES pushes (nonce),
    received_at BIGINT NOT NULL,
    PRIMARY KEY (app_uid, delivery, modifiers)
);

INSERT INTO received_hooks_and_pushes (app_uid, modifiers, delivery, deployment, received_at)
    SELECT app_uid, modifiers, delivery, deployment, received_at FROM received_hooks;
DROP TABLE received_hooks;
ALTER TABLE received_hooks_and_pushes RENAME TO received_hooks;
CREATE INDEX received_hooks_of_push ON received_hooks (push) WHERE push IS NOT NULL;
CREATE INDEX received_hooks_by_time ON received_hooks (received_at);

-- Whether the address of a `hookbelt serve` is one by which it is reached from elsewhere: 0 or 1.
ALTER TABLE served_apps ADD COLUMN is_public BIGINT NOT NULL DEFAULT 0;
