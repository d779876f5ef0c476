CREATE TABLE "bellwire"."rehearsals" (
	"id" uuid PRIMARY KEY NOT NULL,
	"agent_id" uuid NOT NULL,
	"revision" integer NOT NULL,
	"config" json,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "bellwire"."rehearsed_tasks" (
	"task_id" uuid PRIMARY KEY NOT NULL,
	"rehearsal_id" uuid NOT NULL,
	"rehearses" uuid NOT NULL
);
--> statement-breakpoint
-- Without a default at first: rows that exist are no news.
ALTER TABLE "bellwire"."approvals" ADD COLUMN "xid" "xid8";--> statement-breakpoint
ALTER TABLE "bellwire"."approvals" ALTER COLUMN "xid" SET DEFAULT pg_current_xact_id();--> statement-breakpoint
ALTER TABLE "bellwire"."deliveries" ADD COLUMN "xid" "xid8";--> statement-breakpoint
ALTER TABLE "bellwire"."rejections" ADD COLUMN "xid" "xid8";--> statement-breakpoint
ALTER TABLE "bellwire"."rejections" ALTER COLUMN "xid" SET DEFAULT pg_current_xact_id();--> statement-breakpoint
ALTER TABLE "bellwire"."tasks" ADD COLUMN "xid" "xid8";--> statement-breakpoint
ALTER TABLE "bellwire"."tasks" ALTER COLUMN "xid" SET DEFAULT pg_current_xact_id();--> statement-breakpoint
ALTER TABLE "bellwire"."transitions" ADD COLUMN "xid" "xid8";--> statement-breakpoint
ALTER TABLE "bellwire"."transitions" ALTER COLUMN "xid" SET DEFAULT pg_current_xact_id();--> statement-breakpoint
CREATE INDEX "rehearsals_agent_idx" ON "bellwire"."rehearsals" USING btree ("agent_id","id");--> statement-breakpoint
CREATE INDEX "rehearsed_tasks_rehearsal_idx" ON "bellwire"."rehearsed_tasks" USING btree ("rehearsal_id","task_id");--> statement-breakpoint
CREATE INDEX "rehearsed_tasks_of_idx" ON "bellwire"."rehearsed_tasks" USING btree ("rehearses");--> statement-breakpoint
CREATE INDEX "approvals_xid_idx" ON "bellwire"."approvals" USING btree ("xid") WHERE "bellwire"."approvals"."xid" is not null;--> statement-breakpoint
CREATE INDEX "deliveries_xid_idx" ON "bellwire"."deliveries" USING btree ("xid") WHERE "bellwire"."deliveries"."xid" is not null;--> statement-breakpoint
CREATE INDEX "rejections_xid_idx" ON "bellwire"."rejections" USING btree ("xid") WHERE "bellwire"."rejections"."xid" is not null;--> statement-breakpoint
CREATE INDEX "tasks_xid_idx" ON "bellwire"."tasks" USING btree ("xid") WHERE "bellwire"."tasks"."state" = 'PENDING';--> statement-breakpoint
CREATE INDEX "transitions_xid_idx" ON "bellwire"."transitions" USING btree ("xid") WHERE "bellwire"."transitions"."xid" is not null;--> statement-breakpoint
CREATE FUNCTION "bellwire"."stamp_xid"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	new.xid := pg_current_xact_id();
	RETURN new;
END
$$;
--> statement-breakpoint
CREATE TRIGGER "approvals_stamp_xid" BEFORE UPDATE OF "state" ON "bellwire"."approvals" FOR EACH ROW
	WHEN (old.state IS DISTINCT FROM new.state)
	EXECUTE FUNCTION "bellwire"."stamp_xid"();
--> statement-breakpoint
CREATE TRIGGER "deliveries_stamp_xid" BEFORE INSERT OR UPDATE OF "error" ON "bellwire"."deliveries" FOR EACH ROW
	WHEN (new.error IS NOT NULL)
	EXECUTE FUNCTION "bellwire"."stamp_xid"();
