CREATE TABLE "bellwire"."schedules" (
	"id" uuid PRIMARY KEY NOT NULL,
	"agent_id" uuid NOT NULL,
	"name" text NOT NULL,
	"cron" text NOT NULL,
	"time_zone" text NOT NULL,
	"payload" json NOT NULL,
	"overlap" boolean NOT NULL,
	"next_at" timestamp with time zone,
	"last_beat_at" timestamp with time zone,
	"last_task_id" uuid,
	"last_skip" json,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "bellwire"."schedules" ADD CONSTRAINT "schedules_agent_id_agents_id_fk" FOREIGN KEY ("agent_id") REFERENCES "bellwire"."agents"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "schedules_agent_idx" ON "bellwire"."schedules" USING btree ("agent_id","id");--> statement-breakpoint
CREATE INDEX "schedules_next_idx" ON "bellwire"."schedules" USING btree ("next_at") WHERE "bellwire"."schedules"."next_at" is not null;