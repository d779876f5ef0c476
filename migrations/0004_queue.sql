CREATE SEQUENCE "bellwire"."queue_head" INCREMENT BY 1 MINVALUE 0 MAXVALUE 9223372036854775807 START WITH 0 CACHE 1;--> statement-breakpoint
CREATE TABLE "bellwire"."queue" (
	"task_id" uuid PRIMARY KEY NOT NULL,
	"agent_id" uuid NOT NULL,
	"rank" bigint,
	"due_at" timestamp with time zone DEFAULT now() NOT NULL,
	"why" text NOT NULL
);
--> statement-breakpoint
ALTER TABLE "bellwire"."workers" ADD COLUMN "parent_id" bigint;--> statement-breakpoint
CREATE INDEX "queue_rank_idx" ON "bellwire"."queue" USING btree ("rank") WHERE "bellwire"."queue"."rank" is not null;--> statement-breakpoint
CREATE INDEX "queue_due_idx" ON "bellwire"."queue" USING btree ("due_at") WHERE "bellwire"."queue"."rank" is null;--> statement-breakpoint
ALTER TABLE "bellwire"."queue" SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_insert_threshold = -1, autovacuum_analyze_scale_factor = 0.5, autovacuum_analyze_threshold = 10000, autovacuum_vacuum_cost_delay = 0);--> statement-breakpoint
-- What waits moves over: tasks that have not begun in the order of their ranks, then runs that go on, then what is not due yet.
CREATE TEMPORARY TABLE moved_jobs (id uuid PRIMARY KEY, start_after timestamptz NOT NULL) ON COMMIT DROP;--> statement-breakpoint
DO $$ BEGIN
	IF to_regclass('bellwire_queue.job') IS NOT NULL THEN
		EXECUTE 'INSERT INTO moved_jobs SELECT id, start_after FROM bellwire_queue.job WHERE name = ''runs'' AND state < ''active'' ON CONFLICT DO NOTHING';
	END IF;
END $$;--> statement-breakpoint
INSERT INTO "bellwire"."queue" (task_id, agent_id, rank, due_at, why)
SELECT t.id, t.agent_id,
	CASE
		WHEN t.state = 'WAITING' OR t.held IS NOT NULL OR (t.attempt > 0 AND j.start_after > now()) THEN NULL
		WHEN t.attempt = 0 THEN CASE WHEN t.interactive THEN -1125899906842624 ELSE 0 END
			+ row_number() OVER (PARTITION BY t.agent_id, t.attempt = 0 ORDER BY t.rank, t.id) - 1
		ELSE CASE WHEN t.interactive THEN -1125899906842624 ELSE 0 END - 35184372088832 + floor(extract(epoch FROM now()) * 1000)::bigint
	END,
	CASE
		WHEN t.state = 'WAITING' THEN coalesce(
			(SELECT min(a.expires_at) FROM "bellwire"."approvals" a WHERE a.task_id = t.id AND a.state = 'waiting'), now())
		ELSE greatest(coalesce(j.start_after, now()), CASE WHEN t.held IS NOT NULL THEN now() ELSE '-infinity' END)
	END,
	CASE
		WHEN t.state = 'WAITING' THEN 'approval_expires'
		WHEN t.held IS NOT NULL THEN 'deferred'
		WHEN t.attempt = 0 THEN 'accepted'
		ELSE 'requeued'
	END
FROM "bellwire"."tasks" t LEFT JOIN moved_jobs j ON j.id = t.job_id
WHERE t.worker_id IS NULL AND t.state IN ('PENDING', 'STARTED', 'WAITING');--> statement-breakpoint
SELECT setval('bellwire.queue_head', greatest(0, coalesce((SELECT min(rank) FROM "bellwire"."queue" WHERE rank >= 0), 0)));--> statement-breakpoint
DROP SCHEMA IF EXISTS bellwire_queue CASCADE;--> statement-breakpoint
ALTER TABLE "bellwire"."tasks" DROP COLUMN "job_id";--> statement-breakpoint
ALTER TABLE "bellwire"."tasks" DROP COLUMN "rank";