// wrangler's build step: puts the playground where wrangler.toml has the edge's assets.
import { publicFolder, writePage } from "../page/write-page.ts";

await writePage(publicFolder);
