CREATE TABLE "bellwire"."failed_attempts" (
	"kind" text NOT NULL,
	"address" text NOT NULL,
	"failures" integer NOT NULL,
	"resets_at" timestamp with time zone NOT NULL,
	CONSTRAINT "failed_attempts_kind_address_pk" PRIMARY KEY("kind","address")
);
--> statement-breakpoint
CREATE TABLE "bellwire"."pending_room" (
	"agent_id" uuid PRIMARY KEY NOT NULL,
	"room" integer NOT NULL,
	"max_pending" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "bellwire"."rejections" (
	"id" uuid PRIMARY KEY NOT NULL,
	"webhook_id" uuid NOT NULL,
	"agent_id" uuid NOT NULL,
	"reason" text NOT NULL,
	"expected" text,
	"received" text,
	"detail" text,
	"method" text NOT NULL,
	"headers" json NOT NULL,
	"query" json NOT NULL,
	"content_type" text,
	"size" bigint NOT NULL,
	"body" "bytea" NOT NULL,
	"body_complete" boolean NOT NULL,
	"sender_verified" boolean DEFAULT false NOT NULL,
	"task_id" uuid,
	"accepted_task_id" uuid,
	"accepted_at" timestamp with time zone,
	"repeats" integer DEFAULT 0 NOT NULL,
	"stored" integer NOT NULL,
	"created_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "bellwire"."webhook_rates" (
	"webhook_id" uuid PRIMARY KEY NOT NULL,
	"started_at" timestamp with time zone NOT NULL,
	"used" integer NOT NULL,
	"granted" integer NOT NULL
);
--> statement-breakpoint
ALTER TABLE "bellwire"."webhook_rates" ADD CONSTRAINT "webhook_rates_webhook_id_webhooks_id_fk" FOREIGN KEY ("webhook_id") REFERENCES "bellwire"."webhooks"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "failed_attempts_reset_idx" ON "bellwire"."failed_attempts" USING btree ("resets_at");--> statement-breakpoint
CREATE INDEX "rejections_webhook_idx" ON "bellwire"."rejections" USING btree ("webhook_id","id");--> statement-breakpoint
CREATE INDEX "rejections_agent_idx" ON "bellwire"."rejections" USING btree ("agent_id","id");