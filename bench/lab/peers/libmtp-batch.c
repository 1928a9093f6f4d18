/*
 * libmtp at its best: one process, one session, no listing of the whole phone at the start. The programs of mtp-tools
 * call the same functions, but open the phone anew for each file and list all of it every time.
 *
 *   libmtp-batch list REMOTE
 *   libmtp-batch get REMOTE LOCAL      every file of the folder
 *   libmtp-batch put REMOTE LOCAL      every file of the folder
 *
 * REMOTE is a folder in the root of the first storage. "begin" and "end" frame the work on standard output.
 */
#include <dirent.h>
#include <libmtp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static LIBMTP_mtpdevice_t *device;
static uint32_t storage;

static void fail(const char *what) {
  fprintf(stderr, "libmtp-batch: %s\n", what);
  if (device != NULL) LIBMTP_Dump_Errorstack(device);
  exit(1);
}

static void say(const char *what) {
  puts(what);
  fflush(stdout);
}

static uint32_t folder_of(const char *name) {
  uint32_t found = 0;
  LIBMTP_file_t *file = LIBMTP_Get_Files_And_Folders(device, storage, LIBMTP_FILES_AND_FOLDERS_ROOT);
  while (file != NULL) {
    LIBMTP_file_t *next = file->next;
    if (file->filetype == LIBMTP_FILETYPE_FOLDER && strcmp(file->filename, name) == 0) found = file->item_id;
    LIBMTP_destroy_file_t(file);
    file = next;
  }
  if (found == 0) fail("no such folder");
  return found;
}

static int each_there(uint32_t folder, const char *local) {
  char path[4096];
  int count = 0;
  LIBMTP_file_t *file = LIBMTP_Get_Files_And_Folders(device, storage, folder);
  while (file != NULL) {
    LIBMTP_file_t *next = file->next;
    if (local != NULL) {
      snprintf(path, sizeof path, "%s/%s", local, file->filename);
      if (LIBMTP_Get_File_To_File(device, file->item_id, path, NULL, NULL) != 0) fail(path);
    }
    count += 1;
    LIBMTP_destroy_file_t(file);
    file = next;
  }
  return count;
}

static int each_here(uint32_t folder, const char *local) {
  char path[4096];
  int count = 0;
  struct dirent *entry;
  DIR *open = opendir(local);
  if (open == NULL) fail(local);
  while ((entry = readdir(open)) != NULL) {
    struct stat info;
    LIBMTP_file_t *file;
    snprintf(path, sizeof path, "%s/%s", local, entry->d_name);
    if (stat(path, &info) != 0 || !S_ISREG(info.st_mode)) continue;
    file = LIBMTP_new_file_t();
    file->filename = strdup(entry->d_name);
    file->filesize = (uint64_t)info.st_size;
    file->filetype = LIBMTP_FILETYPE_UNKNOWN;
    file->parent_id = folder;
    file->storage_id = storage;
    if (LIBMTP_Send_File_From_File(device, path, file, NULL, NULL) != 0) fail(path);
    LIBMTP_destroy_file_t(file);
    count += 1;
  }
  closedir(open);
  return count;
}

int main(int argc, char **argv) {
  LIBMTP_raw_device_t *raw = NULL;
  int found = 0;
  int count;
  uint32_t folder;
  if (argc < 3) fail("list|get|put REMOTE [LOCAL]");
  LIBMTP_Init();
  if (LIBMTP_Detect_Raw_Devices(&raw, &found) != LIBMTP_ERROR_NONE || found < 1) fail("no phone");
  device = LIBMTP_Open_Raw_Device_Uncached(&raw[0]);
  if (device == NULL) fail("it cannot be opened");
  if (LIBMTP_Get_Storage(device, LIBMTP_STORAGE_SORTBY_NOTSORTED) != 0 || device->storage == NULL) fail("no storage");
  storage = device->storage->id;
  say("begin");
  folder = folder_of(argv[2]);
  if (strcmp(argv[1], "put") == 0) count = each_here(folder, argv[3]);
  else count = each_there(folder, strcmp(argv[1], "get") == 0 ? argv[3] : NULL);
  say("end");
  printf("%d files\n", count);
  LIBMTP_Release_Device(device);
  free(raw);
  return 0;
}
