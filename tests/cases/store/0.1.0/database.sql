BEGIN TRANSACTION;
CREATE TABLE baselines (
	case_id VARCHAR(32) NOT NULL, 
	start DATETIME NOT NULL, 
	"end" DATETIME NOT NULL, 
	hosts TEXT NOT NULL, 
	body BLOB NOT NULL, 
	PRIMARY KEY (case_id)
);
INSERT INTO "baselines" VALUES('c1','2025-01-01 00:00:00.000000','2025-01-01 08:00:00.000000','["a", "b", "\u4e3b\u673a"]',X'00FF206C6561726E74');
CREATE TABLE cases (
	id VARCHAR(32) NOT NULL, 
	made DATETIME NOT NULL, 
	out TEXT NOT NULL, 
	events INTEGER NOT NULL, 
	signals INTEGER NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "cases" VALUES('c1','2025-01-01 00:00:00.000000','cases/c1',1,1);
INSERT INTO "cases" VALUES('c2','2025-01-02 00:00:00.000000','cases/c2',1,1);
CREATE TABLE edits (
	number INTEGER NOT NULL, 
	body TEXT NOT NULL, 
	PRIMARY KEY (number)
);
INSERT INTO "edits" VALUES(1,'{"number":1,"change":{"kind":"merge","into":"a","other":"b"},"why":"w","by":"me","time":"2025-01-01T00:00:00Z","undone":null}');
CREATE TABLE feedback (
	number INTEGER NOT NULL, 
	incident_id VARCHAR(64) NOT NULL, 
	body TEXT NOT NULL, 
	PRIMARY KEY (number)
);
INSERT INTO "feedback" VALUES(1,'a','{"about":"incident","subject":"a","verdict":"benign","why":"it''s ours","by":"ann","time":"2025-01-01T00:00:00Z","folds":[],"grounds":null}');
INSERT INTO "feedback" VALUES(2,'a','{"about":"incident","subject":"a","verdict":"succeeded","why":"it''s ours","by":"ann","time":"2025-01-01T00:00:00Z","folds":[],"grounds":null}');
CREATE TABLE incidents (
	id VARCHAR(64) NOT NULL, 
	case_id VARCHAR(32) NOT NULL, 
	rank INTEGER NOT NULL, 
	score FLOAT NOT NULL, 
	title TEXT NOT NULL, 
	body TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "incidents" VALUES('a','c1',1,1.0,'t','{"id":"a","rank":1,"title":"t","level":"high","score":1.0,"start":"2025-01-01T00:00:00Z","end":"2025-01-01T00:00:00Z","sessions":[],"folds":[],"hosts":["h"],"entities":[],"techniques":[],"tactics":[],"why":[],"shown":true,"synthetic":false,"notice":null,"verdict":null,"trace":null,"watchlist":null,"outlook":null,"impact":null,"weaknesses":null,"plan":null,"verification":null,"failures":[]}');
INSERT INTO "incidents" VALUES('b','c1',2,1.0,'t','{"id":"b","rank":2,"title":"t","level":"high","score":1.0,"start":"2025-01-01T00:00:00Z","end":"2025-01-01T00:00:00Z","sessions":[],"folds":[],"hosts":["h"],"entities":[],"techniques":[],"tactics":[],"why":[],"shown":true,"synthetic":false,"notice":null,"verdict":null,"trace":null,"watchlist":null,"outlook":null,"impact":null,"weaknesses":null,"plan":null,"verification":null,"failures":[]}');
INSERT INTO "incidents" VALUES('z','c2',1,1.0,'t','{"id":"z","rank":1,"title":"t","level":"high","score":1.0,"start":"2025-01-01T00:00:00Z","end":"2025-01-01T00:00:00Z","sessions":[],"folds":[],"hosts":["h"],"entities":[],"techniques":[],"tactics":[],"why":[],"shown":true,"synthetic":false,"notice":null,"verdict":null,"trace":null,"watchlist":null,"outlook":null,"impact":null,"weaknesses":null,"plan":null,"verification":null,"failures":[]}');
CREATE TABLE meanings (
	rule VARCHAR(512) NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	PRIMARY KEY (rule)
);
INSERT INTO "meanings" VALUES('r','dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd');
CREATE TABLE secrets (
	name VARCHAR(32) NOT NULL, 
	body BLOB NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "secrets" VALUES('drawing',X'A4A50C3D0F4714A3B5C10AA43A8771F38EEC58BC3510FFB33335F63FC9A10382');
CREATE TABLE standings (
	number INTEGER NOT NULL, 
	incident_id VARCHAR(64) NOT NULL, 
	case_id VARCHAR(32) NOT NULL, 
	body TEXT NOT NULL, 
	PRIMARY KEY (number)
);
INSERT INTO "standings" VALUES(1,'a','','{"incident":"a","state":"closed","time":"2025-01-01T00:00:00Z","by":"ann","why":"done","case":"","joined":[],"seen":[]}');
INSERT INTO "standings" VALUES(2,'a','c2','{"incident":"a","state":"re-opened","time":"2025-01-01T01:00:00Z","by":"","why":"","case":"c2","joined":["z"],"seen":[]}');
CREATE TABLE subjects (
	id VARCHAR(64) NOT NULL, 
	case_id VARCHAR(32) NOT NULL, 
	body TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "subjects" VALUES('a','c1','{"id":"a","about":"session","start":"2025-01-01T00:00:00Z","rules":["r"],"severe":[],"trails":["t"],"prior":0.0,"traits":{"score":1.0},"barred":[],"chance":0.015}');
INSERT INTO "subjects" VALUES('s2','c1','{"id":"s2","about":"session","start":"2025-01-01T00:00:00Z","rules":["r"],"severe":[],"trails":["t"],"prior":0.0,"traits":{"score":1.0},"barred":[],"chance":1.0}');
CREATE TABLE suppressions (
	id VARCHAR(32) NOT NULL, 
	expires DATETIME NOT NULL, 
	body TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "suppressions" VALUES('p1','2025-01-10 00:00:00.000000','{"id":"p1","rule":"r","where":[],"owner":"o","why":"w","created":"2025-01-01T00:00:00Z","expires":"2025-01-10T00:00:00Z","meaning":"","ended":null}');
CREATE TABLE watches (
	id VARCHAR(32) NOT NULL, 
	incident_id VARCHAR(64) NOT NULL, 
	case_id VARCHAR(32) NOT NULL, 
	until DATETIME NOT NULL, 
	body TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "watches" VALUES('w1','i1','c1','2025-04-01 00:00:00.000000','{"id":"w1","incident":"i1","case":"c1","entity":{"kind":"domain","value":"w1.example"},"why":{"code":"watch.attacker","arguments":{}},"level":"high","hops":0,"since":"2025-01-01T00:00:00Z","until":"2025-04-01T00:00:00Z","by":"","ended":null,"ended_by":"","ended_why":""}');
INSERT INTO "watches" VALUES('w2','i1','c1','2025-04-01 00:00:00.000000','{"id":"w2","incident":"i1","case":"c1","entity":{"kind":"domain","value":"w2.example"},"why":{"code":"watch.attacker","arguments":{}},"level":"high","hops":0,"since":"2025-01-01T00:00:00Z","until":"2025-04-01T00:00:00Z","by":"","ended":"2025-01-01T00:00:00Z","ended_by":"ann","ended_why":""}');
CREATE INDEX ix_incidents_case_id ON incidents (case_id);
CREATE INDEX ix_feedback_incident_id ON feedback (incident_id);
CREATE INDEX ix_subjects_case_id ON subjects (case_id);
CREATE INDEX ix_watches_incident_id ON watches (incident_id);
CREATE INDEX ix_watches_case_id ON watches (case_id);
CREATE INDEX ix_standings_incident_id ON standings (incident_id);
CREATE INDEX ix_standings_case_id ON standings (case_id);
COMMIT;
