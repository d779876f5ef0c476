CREATE TABLE "bellwire"."notice_channels" (
	"id" uuid PRIMARY KEY NOT NULL,
	"position" integer NOT NULL,
	"type" text NOT NULL,
	"name" text,
	"kinds" json,
	"shown" text NOT NULL,
	"sealed" "bytea" NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "bellwire"."notice_deliveries" (
	"message_id" uuid NOT NULL,
	"channel_id" uuid NOT NULL,
	"state" text DEFAULT 'pending' NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"due_at" timestamp with time zone DEFAULT now(),
	"status" integer,
	"error" text,
	"finished_at" timestamp with time zone,
	CONSTRAINT "notice_deliveries_message_id_channel_id_pk" PRIMARY KEY("message_id","channel_id")
);
--> statement-breakpoint
CREATE TABLE "bellwire"."notice_messages" (
	"id" uuid PRIMARY KEY NOT NULL,
	"number" bigint GENERATED ALWAYS AS IDENTITY (sequence name "bellwire"."notice_messages_number_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"kind" text NOT NULL,
	"title" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "bellwire"."notices" (
	"id" uuid PRIMARY KEY NOT NULL,
	"key" text NOT NULL,
	"kind" text NOT NULL,
	"title" text NOT NULL,
	"agent_id" uuid,
	"webhook_id" uuid,
	"task_id" uuid,
	"approval_id" uuid,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"message_id" uuid,
	"dropped_at" timestamp with time zone,
	CONSTRAINT "notices_key_unique" UNIQUE("key")
);
--> statement-breakpoint
CREATE TABLE "bellwire"."webhook_activity" (
	"webhook_id" uuid PRIMARY KEY NOT NULL,
	"last_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "bellwire"."notice_deliveries" ADD CONSTRAINT "notice_deliveries_message_id_notice_messages_id_fk" FOREIGN KEY ("message_id") REFERENCES "bellwire"."notice_messages"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bellwire"."webhook_activity" ADD CONSTRAINT "webhook_activity_webhook_id_webhooks_id_fk" FOREIGN KEY ("webhook_id") REFERENCES "bellwire"."webhooks"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "notice_deliveries_due_idx" ON "bellwire"."notice_deliveries" USING btree ("due_at") WHERE "bellwire"."notice_deliveries"."due_at" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "notice_messages_number_idx" ON "bellwire"."notice_messages" USING btree ("number");--> statement-breakpoint
CREATE INDEX "notice_messages_kind_idx" ON "bellwire"."notice_messages" USING btree ("kind","created_at");--> statement-breakpoint
CREATE INDEX "notices_waiting_idx" ON "bellwire"."notices" USING btree ("kind","created_at") WHERE "bellwire"."notices"."message_id" is null and "bellwire"."notices"."dropped_at" is null;--> statement-breakpoint
CREATE INDEX "notices_message_idx" ON "bellwire"."notices" USING btree ("message_id");--> statement-breakpoint
CREATE INDEX "notices_created_idx" ON "bellwire"."notices" USING btree ("created_at");