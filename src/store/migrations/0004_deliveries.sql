-- Deploy hooks on their way to their receivers.

-- Who is told of a deployment that has begun: the manifest's deploy hooks as they were then, until it is over. `message` is
-- 32 random digits, `events` words with blanks between and around them.
CREATE TABLE deployment_hooks (
    deployment BIGINT NOT NULL REFERENCES deployments (id),
    position BIGINT NOT NULL,
    message TEXT NOT NULL,
    format TEXT NOT NULL,
    url TEXT NOT NULL,
    host TEXT NOT NULL,
    events TEXT NOT NULL,
    PRIMARY KEY (deployment, position)
);

-- One that waits is due at `due_at`, and sent by the engine `engine_uid` as long as that lives. `attempts` counts all of
-- them, `tries` those since somebody last asked for it to be sent. `status` and `error` are those of the last.
CREATE TABLE deliveries (
    id BIGINT NOT NULL PRIMARY KEY,
    message TEXT NOT NULL,
    app_uid TEXT NOT NULL REFERENCES apps (uid),
    deployment BIGINT NOT NULL REFERENCES deployments (id),
    event TEXT NOT NULL,
    format TEXT NOT NULL,
    url TEXT NOT NULL,
    host TEXT NOT NULL,
    release BIGINT NOT NULL,
    summary TEXT NOT NULL,
    sha TEXT NOT NULL,
    user_name TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    tries BIGINT NOT NULL,
    due_at BIGINT,
    engine_uid TEXT,
    status BIGINT,
    error TEXT,
    created_at BIGINT NOT NULL,
    ended_at BIGINT
);

CREATE INDEX deliveries_of_app ON deliveries (app_uid, id);
CREATE INDEX deliveries_of_hook ON deliveries (app_uid, format, url, id);
CREATE INDEX deliveries_due ON deliveries (due_at, id, host, app_uid, tries, state, engine_uid)
    WHERE state = 'waiting' AND engine_uid IS NULL;
CREATE INDEX deliveries_taken ON deliveries (engine_uid) WHERE engine_uid IS NOT NULL;

CREATE TABLE receipts (
    delivery BIGINT NOT NULL REFERENCES deliveries (id),
    attempt BIGINT NOT NULL,
    started_at BIGINT NOT NULL,
    milliseconds BIGINT NOT NULL,
    status BIGINT,
    error TEXT,
    answer TEXT NOT NULL,
    PRIMARY KEY (delivery, attempt)
);

-- Deploy hooks whose receivers said that they are gone.
CREATE TABLE hooks_off (
    app_uid TEXT NOT NULL REFERENCES apps (uid),
    format TEXT NOT NULL,
    url TEXT NOT NULL,
    PRIMARY KEY (app_uid, format, url)
);
