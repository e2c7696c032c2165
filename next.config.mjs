/** @type {import('next').NextConfig} */
const config = {
  // Two servers of one checkout (development beside a build) must not share their files.
  distDir: process.env.RETRAI_NEXT_DIST ?? '.next',
  poweredByHeader: false,
  reactStrictMode: true,
  // The runtime lives in server.ts; what it holds is never bundled into pages (see ARCHITECTURE.md).
  serverExternalPackages: ['libsql', '@prisma/client', 'pino'],
  devIndicators: false,
  // `npm run typecheck` does that, tests included; a user's build must not need what only developers install.
  typescript: { ignoreBuildErrors: true },
}

export default config
