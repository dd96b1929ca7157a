-- What `hookbelt serve` answers by.

-- Where it answers: `http://127.0.0.1:6660`, or the URL that it is reached by from elsewhere.
ALTER TABLE served_apps ADD COLUMN address TEXT NOT NULL DEFAULT '';

-- The URL `/stacks/redeploy/<first>/<second>` of an app: who has it can deploy. `valid_until` is set once another has taken
-- its place.
CREATE TABLE redeployment_hooks (
    first TEXT NOT NULL PRIMARY KEY,
    second TEXT NOT NULL,
    app_uid TEXT NOT NULL REFERENCES apps (uid),
    created_at BIGINT NOT NULL,
    valid_until BIGINT
);

CREATE INDEX redeployment_hooks_of_app ON redeployment_hooks (app_uid);

-- Deliveries that were accepted, so that the same one is not deployed twice.
CREATE TABLE received_hooks (
    app_uid TEXT NOT NULL REFERENCES apps (uid),
    modifiers TEXT NOT NULL,
    delivery TEXT NOT NULL,
    deployment BIGINT NOT NULL REFERENCES deployments (id),
    received_at BIGINT NOT NULL,
    PRIMARY KEY (app_uid, modifiers, delivery)
);

-- The body that a redeployment hook came with.
CREATE TABLE payloads (
    deployment BIGINT NOT NULL PRIMARY KEY REFERENCES deployments (id),
    body BYTEA NOT NULL
);

-- Tokens of the API, as the SHA-256 of their text in hex digits. `scopes` are words with a blank between them.
CREATE TABLE tokens (
    hash TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    scopes TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

-- What somebody asked for through the API. The end of one that is a deployment is that deployment's.
CREATE TABLE actions (
    id BIGINT NOT NULL PRIMARY KEY,
    app_uid TEXT NOT NULL REFERENCES apps (uid),
    deployment BIGINT REFERENCES deployments (id),
    action TEXT NOT NULL,
    user_name TEXT NOT NULL,
    started_via TEXT NOT NULL,
    user_reference TEXT,
    started_at BIGINT NOT NULL,
    finished_at BIGINT,
    finished_success BIGINT,
    finished_message TEXT
);

CREATE INDEX actions_of_app ON actions (app_uid, id);
