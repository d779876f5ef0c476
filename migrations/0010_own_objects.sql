CREATE UNLOGGED TABLE "bellwire"."object_rings" (
	"key" uuid PRIMARY KEY NOT NULL,
	"rings" timestamp with time zone[] NOT NULL,
	"granted" integer NOT NULL,
	"max_rings" integer NOT NULL,
	"last_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "bellwire"."own_objects" (
	"key" uuid PRIMARY KEY NOT NULL,
	"task_id" uuid NOT NULL,
	"made_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE INDEX "object_rings_last_idx" ON "bellwire"."object_rings" USING btree ("last_at");--> statement-breakpoint
CREATE INDEX "own_objects_made_idx" ON "bellwire"."own_objects" USING btree ("made_at");--> statement-breakpoint
UPDATE "bellwire"."tasks" SET "sender_trusted" = true WHERE "sender_verified" AND "state" IN ('PENDING', 'STARTED', 'WAITING');
