-- AlterTable
ALTER TABLE "Run" ADD COLUMN "gatePolicy" TEXT;
