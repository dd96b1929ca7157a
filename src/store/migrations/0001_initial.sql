-- Times are UTC milliseconds. Words (`state`, `run_by`) are those of the domain module.
-- The text is kept to what SQLite and PostgreSQL both understand.

CREATE TABLE apps (
    uid TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    environment TEXT NOT NULL,
    manifest TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (name, environment)
);

CREATE TABLE settings (
    app_uid TEXT NOT NULL REFERENCES apps (uid),
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (app_uid, key)
);

-- A process that runs deployments. Its claims hold as long as its lease does, which is given in milliseconds of the
-- monotonic clock of one boot of the machine.
CREATE TABLE engines (
    uid TEXT NOT NULL PRIMARY KEY,
    boot TEXT NOT NULL,
    lease_until BIGINT NOT NULL
);

-- The apps of a `hookbelt serve`: it runs whatever is queued for them, as this manifest says.
CREATE TABLE served_apps (
    app_uid TEXT NOT NULL REFERENCES apps (uid),
    engine_uid TEXT NOT NULL,
    manifest TEXT NOT NULL,
    PRIMARY KEY (app_uid, engine_uid)
);

-- `engine_uid` is the command that a deployment lives in; without one any `serve` of the app runs it. Those that wait run
-- in the order of `place`. `attempt` counts how often it was begun. `resolved` is 1 once every ref has become a sha.
-- `hook` is what a redeployment hook said, as JSON; `cancel_reason` asks whoever runs it to stop.
CREATE TABLE deployments (
    id BIGINT NOT NULL PRIMARY KEY,
    app_uid TEXT NOT NULL REFERENCES apps (uid),
    engine_uid TEXT,
    place BIGINT NOT NULL,
    state TEXT NOT NULL,
    run_by TEXT NOT NULL,
    user_name TEXT NOT NULL,
    strategy TEXT NOT NULL,
    attempt BIGINT NOT NULL,
    resolved BIGINT NOT NULL,
    rollback_to BIGINT,
    hook TEXT,
    cancel_reason TEXT,
    release BIGINT,
    reason TEXT,
    created_at BIGINT NOT NULL,
    started_at BIGINT,
    ended_at BIGINT,
    lines_dropped BIGINT NOT NULL DEFAULT 0
);

CREATE INDEX deployments_of_app ON deployments (app_uid, id);
CREATE INDEX deployments_not_over ON deployments (app_uid, place, id, state) WHERE state IN ('queued', 'running');

CREATE TABLE deployment_services (
    deployment BIGINT NOT NULL REFERENCES deployments (id),
    position BIGINT NOT NULL,
    service TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    reference TEXT,
    branch TEXT,
    sha TEXT,
    image TEXT,
    PRIMARY KEY (deployment, position)
);

-- One running deployment an app, always: the primary key says so.
CREATE TABLE claims (
    app_uid TEXT NOT NULL PRIMARY KEY REFERENCES apps (uid),
    deployment BIGINT NOT NULL REFERENCES deployments (id),
    engine_uid TEXT NOT NULL REFERENCES engines (uid)
);

CREATE TABLE releases (
    app_uid TEXT NOT NULL REFERENCES apps (uid),
    number BIGINT NOT NULL,
    deployment BIGINT NOT NULL REFERENCES deployments (id),
    state TEXT NOT NULL,
    summary TEXT NOT NULL,
    sha TEXT NOT NULL,
    user_name TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at BIGINT,
    PRIMARY KEY (app_uid, number)
);

-- What a release left a service as, for each service it ran to its end. A service's state as of a release
-- is its newest row up to that release.
CREATE TABLE release_services (
    app_uid TEXT NOT NULL REFERENCES apps (uid),
    service TEXT NOT NULL,
    release BIGINT NOT NULL,
    reference TEXT,
    branch TEXT,
    sha TEXT,
    image TEXT,
    PRIMARY KEY (app_uid, service, release)
);

CREATE TABLE log_lines (
    app_uid TEXT NOT NULL REFERENCES apps (uid),
    number BIGINT NOT NULL,
    written_at BIGINT NOT NULL,
    source TEXT NOT NULL,
    deployment BIGINT,
    service TEXT,
    line TEXT NOT NULL,
    PRIMARY KEY (app_uid, number)
);

CREATE INDEX log_lines_of_deployment ON log_lines (deployment, number);
