CREATE TABLE "bellwire"."approvals" (
	"id" uuid PRIMARY KEY NOT NULL,
	"task_id" uuid NOT NULL,
	"agent_id" uuid NOT NULL,
	"event" integer NOT NULL,
	"key" text NOT NULL,
	"tool" text NOT NULL,
	"access" text NOT NULL,
	"step" integer NOT NULL,
	"arguments" json,
	"parameters" json NOT NULL,
	"state" text DEFAULT 'waiting' NOT NULL,
	"edited_arguments" json,
	"reason" text,
	"decided_by" uuid,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"decided_at" timestamp with time zone
);
--> statement-breakpoint
ALTER TABLE "bellwire"."tasks" ADD COLUMN "sender_verified" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "bellwire"."tasks" ADD COLUMN "waiting_since" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "bellwire"."tasks" ADD COLUMN "waited_ms" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE UNIQUE INDEX "approvals_call_idx" ON "bellwire"."approvals" USING btree ("task_id","key");--> statement-breakpoint
CREATE INDEX "approvals_agent_idx" ON "bellwire"."approvals" USING btree ("agent_id","id");--> statement-breakpoint
CREATE INDEX "approvals_waiting_idx" ON "bellwire"."approvals" USING btree ("id") WHERE "bellwire"."approvals"."state" = 'waiting';