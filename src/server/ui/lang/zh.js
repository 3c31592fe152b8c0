// 中文界面。

import frame from './zh/frame.js';
import wash from './zh/wash.js';
import compare from './zh/compare.js';
import archives from './zh/archives.js';
import collections from './zh/collections.js';
import rules from './zh/rules.js';
import status from './zh/status.js';

export default { ...frame, ...wash, ...compare, ...archives, ...collections, ...rules, ...status };
