CREATE TABLE "bellwire"."rings" (
	"id" uuid PRIMARY KEY NOT NULL,
	"webhook_id" uuid NOT NULL,
	"received_at" timestamp with time zone DEFAULT now() NOT NULL,
	"method" text NOT NULL,
	"headers" json NOT NULL,
	"query" json NOT NULL,
	"content_type" text,
	"size" integer NOT NULL,
	"payload" "bytea",
	"task_id" uuid,
	"reason" text
);
--> statement-breakpoint
ALTER TABLE "bellwire"."rings" ADD CONSTRAINT "rings_webhook_id_webhooks_id_fk" FOREIGN KEY ("webhook_id") REFERENCES "bellwire"."webhooks"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "rings_webhook_idx" ON "bellwire"."rings" USING btree ("webhook_id");--> statement-breakpoint
CREATE INDEX "rings_received_idx" ON "bellwire"."rings" USING btree ("received_at");