CREATE TABLE "bellwire"."callback_urls" (
	"id" uuid PRIMARY KEY NOT NULL,
	"task_id" uuid NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"called_at" timestamp with time zone,
	"content_type" text,
	"query" json,
	"body" "bytea",
	"fingerprint" "bytea"
);
--> statement-breakpoint
ALTER TABLE "bellwire"."approvals" ADD COLUMN "decided_by_name" text;--> statement-breakpoint
ALTER TABLE "bellwire"."approvals" ADD COLUMN "decided_via" text;--> statement-breakpoint
ALTER TABLE "bellwire"."approvals" ADD COLUMN "callback_id" uuid;--> statement-breakpoint
CREATE INDEX "callback_urls_task_idx" ON "bellwire"."callback_urls" USING btree ("task_id");