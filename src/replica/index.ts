export { CopyFile, type CopyFileOptions } from './copy-file.js';
export { FollowedBucket, type FollowedOptions, type Heard } from './followed.js';
