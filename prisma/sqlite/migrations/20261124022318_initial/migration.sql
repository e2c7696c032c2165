-- CreateTable
CREATE TABLE "Run" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "status" TEXT NOT NULL,
    "goal" TEXT NOT NULL,
    "goalName" TEXT NOT NULL,
    "cwd" TEXT NOT NULL,
    "modelName" TEXT NOT NULL,
    "request" TEXT NOT NULL,
    "maxIterations" INTEGER NOT NULL,
    "hitlEnabled" BOOLEAN NOT NULL,
    "maxCostUsd" REAL,
    "maxTokens" BIGINT,
    "maxMinutes" REAL,
    "scripted" BOOLEAN NOT NULL,
    "tags" TEXT NOT NULL,
    "caller" TEXT NOT NULL,
    "lastSeq" INTEGER NOT NULL,
    "phase" TEXT,
    "iteration" INTEGER NOT NULL,
    "failing" INTEGER,
    "testsTotal" INTEGER,
    "trend" TEXT NOT NULL,
    "insertions" INTEGER,
    "deletions" INTEGER,
    "totalTokens" BIGINT NOT NULL,
    "costUsd" REAL,
    "outcome" TEXT,
    "reason" TEXT,
    "error" TEXT,
    "finalState" TEXT,
    "gate" TEXT,
    "createdAt" DATETIME NOT NULL,
    "updatedAt" DATETIME NOT NULL,
    "endedAt" DATETIME,
    "idempotencyKey" TEXT,
    "idempotencyHash" TEXT
);

-- CreateTable
CREATE TABLE "Event" (
    "runId" TEXT NOT NULL,
    "seq" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "iteration" INTEGER NOT NULL,
    "ts" DATETIME NOT NULL,
    "payload" TEXT NOT NULL,

    PRIMARY KEY ("runId", "seq"),
    CONSTRAINT "Event_runId_fkey" FOREIGN KEY ("runId") REFERENCES "Run" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "Gate" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "runId" TEXT NOT NULL,
    "iteration" INTEGER NOT NULL,
    "summary" TEXT NOT NULL,
    "diffHash" TEXT,
    "openedAt" DATETIME NOT NULL,
    "decision" TEXT,
    "note" TEXT,
    "decidedBy" TEXT,
    "decidedAt" DATETIME,
    CONSTRAINT "Gate_runId_fkey" FOREIGN KEY ("runId") REFERENCES "Run" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateIndex
CREATE UNIQUE INDEX "Run_idempotencyKey_key" ON "Run"("idempotencyKey");

-- CreateIndex
CREATE INDEX "Run_createdAt_id_idx" ON "Run"("createdAt" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "Run_status_idx" ON "Run"("status");

-- CreateIndex
CREATE INDEX "Gate_decision_openedAt_idx" ON "Gate"("decision", "openedAt");

-- CreateIndex
CREATE INDEX "Gate_runId_idx" ON "Gate"("runId");
