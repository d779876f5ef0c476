CREATE TABLE "bellwire"."task_activity" (
	"slot" timestamp with time zone PRIMARY KEY NOT NULL,
	"succeeded" integer NOT NULL,
	"failed" integer NOT NULL,
	"cancelled" integer NOT NULL,
	"unfinished" integer NOT NULL,
	"durations" json NOT NULL,
	"recount_at" timestamp with time zone
);
