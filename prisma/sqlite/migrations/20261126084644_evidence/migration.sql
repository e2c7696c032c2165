-- CreateTable
CREATE TABLE "Evidence" (
    "runId" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "iteration" INTEGER NOT NULL,
    "createdAt" DATETIME NOT NULL,
    "body" BLOB NOT NULL,

    PRIMARY KEY ("runId", "id"),
    CONSTRAINT "Evidence_runId_fkey" FOREIGN KEY ("runId") REFERENCES "Run" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);
