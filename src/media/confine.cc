#include "media/confine.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <vector>

namespace hearth::media {
namespace {

constexpr rlim_t kMaxFiles = 64;
// Sanitizers reserve terabytes of addresses.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kLimitsAddresses = false;
#else
constexpr bool kLimitsAddresses = true;
#endif
constexpr rlim_t kMaxSeconds = 3600;  // of processor time in all; module.h, allow_seconds, gives it out in portions

void limit(int what, rlim_t most) {
  const rlimit both{most, most};
  ::setrlimit(static_cast<__rlimit_resource>(what), &both);
}

/// Bytes of address space in use.
std::uint64_t address_space() {
  unsigned long long pages = 0;
  std::FILE* file = std::fopen("/proc/self/statm", "re");
  if (file == nullptr) return std::uint64_t{1} << 30;
  if (std::fscanf(file, "%llu", &pages) != 1) pages = 1 << 18;
  std::fclose(file);
  return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

/// A user namespace of its own takes root's rights away; a network namespace of its own is empty.
bool leave_network() { return ::unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0 || ::unshare(CLONE_NEWNET) == 0; }

bool allow_below(int rules, const char* path) {
  landlock_path_beneath_attr beneath{};
  beneath.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
  beneath.parent_fd = ::open(path, O_PATH | O_CLOEXEC);
  if (beneath.parent_fd < 0) return errno == ENOENT;  // what is not there needs no leave
  const bool added = ::syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0) == 0;
  ::close(beneath.parent_fd);
  return added;
}

/// Landlock's first version (Linux 5.13) is enough. False: this kernel has none, or has it off.
bool restrict_files() {
  landlock_ruleset_attr handled{};
  handled.handled_access_fs = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1U) - 1;  // every right that the first version knows
  const int rules = static_cast<int>(::syscall(SYS_landlock_create_ruleset, &handled, sizeof handled, 0));
  if (rules < 0) return false;
  bool done = true;
  for (const char* path : {"/usr/share", "/usr/lib", "/usr/local/share/fonts", "/etc/fonts", "/var/cache/fontconfig",
                           "/var/lib/ghostscript/fonts"}) {
    done = done && allow_below(rules, path);
  }
  done = done && ::syscall(SYS_landlock_restrict_self, rules, 0) == 0;
  ::close(rules);
  return done;
}

constexpr std::uint32_t low_word(int argument) {  // of a call's argument; the machine is little-endian
  return static_cast<std::uint32_t>(offsetof(seccomp_data, args) + static_cast<std::size_t>(argument) * 8);
}

#if defined(__x86_64__)
constexpr std::uint32_t kMachine = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kMachine = AUDIT_ARCH_AARCH64;
#else
#error "hearth-media's filter of system calls knows x86-64 and aarch64"
#endif

// Memory, time, descriptors that are open already, and the end. What only one of the machines has stands below.
constexpr int kAllowed[] = {
    SYS_read,
    SYS_readv,
    SYS_write,
    SYS_writev,
    SYS_pread64,
    SYS_lseek,
    SYS_fadvise64,
    SYS_close,
    SYS_fstat,
    SYS_munmap,
    SYS_brk,
    SYS_mremap,
    SYS_madvise,
    SYS_futex,
    SYS_rt_sigreturn,
    SYS_rt_sigaction,
    SYS_rt_sigprocmask,
    SYS_exit,
    SYS_exit_group,
    SYS_clock_gettime,
    SYS_clock_getres,
    SYS_gettimeofday,
    SYS_getpid,
    SYS_gettid,
    SYS_getuid,
    SYS_geteuid,
    SYS_getgid,
    SYS_getegid,
    SYS_getrandom,
    SYS_getrusage,
    SYS_sched_yield,
    SYS_sysinfo,
    SYS_uname,
    SYS_getcwd,
    SYS_sched_getaffinity,
    SYS_restart_syscall,
    SYS_nanosleep,
    SYS_clock_nanosleep,
};
// What is needed to find and read fonts. openat is looked at further: for reading only.
constexpr int kFileCalls[] = {
    SYS_newfstatat, SYS_getdents64, SYS_readlinkat, SYS_faccessat, SYS_statx, SYS_fstatfs, SYS_statfs,
#if defined(SYS_stat)
    SYS_stat,       SYS_lstat,      SYS_access,     SYS_readlink,
#endif
};

class Filter {
 public:
  explicit Filter(Reading reading) {
    load(offsetof(seccomp_data, arch));
    unless_equal(kMachine, SECCOMP_RET_KILL_PROCESS);
    load(offsetof(seccomp_data, nr));
#if defined(__x86_64__)
    // Numbers of the x32 interface are the same calls by other names.
    add(BPF_JMP | BPF_JGE | BPF_K, 0x40000000U, 0, 1);
    answer(SECCOMP_RET_KILL_PROCESS);
#endif
    for (const int call : kAllowed) allow(call);
    if (reading == Reading::kFonts) {
      for (const int call : kFileCalls) allow(call);
      // O_TMPFILE has O_DIRECTORY in it, without which no folder of fonts can be listed.
      allow_masked(SYS_openat, 2, O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | O_APPEND | (__O_TMPFILE & ~O_DIRECTORY));
    }
    // No memory that can be run.
    allow_masked(SYS_mmap, 2, PROT_EXEC);
    allow_masked(SYS_mprotect, 2, PROT_EXEC);
    allow_equal(SYS_fcntl, 1, F_GETFL);
    // Its own limits, which can only shrink.
    allow_equal(SYS_prlimit64, 0, 0);
    // A program's own abort().
    allow_equal(SYS_tgkill, 0, static_cast<std::uint32_t>(::getpid()));
    answer(SECCOMP_RET_ERRNO | EPERM);
  }
  bool install() {
    const sock_fprog program{static_cast<unsigned short>(lines_.size()), lines_.data()};
    return ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
  }

 private:
  void add(unsigned code, std::uint32_t value, unsigned yes = 0, unsigned no = 0) {
    lines_.push_back(
        {static_cast<std::uint16_t>(code), static_cast<std::uint8_t>(yes), static_cast<std::uint8_t>(no), value});
  }
  void load(std::size_t at) { add(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(at)); }
  void answer(std::uint32_t what) { add(BPF_RET | BPF_K, what); }
  void unless_equal(std::uint32_t value, std::uint32_t what) {
    add(BPF_JMP | BPF_JEQ | BPF_K, value, 1, 0);
    answer(what);
  }
  void allow(int call) {
    add(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(call), 0, 1);
    answer(SECCOMP_RET_ALLOW);
  }
  /// Where none of the bits of `mask` is set in `argument`.
  void allow_masked(int call, int argument, std::uint32_t mask) {
    add(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(call), 0, 4);
    load(low_word(argument));
    add(BPF_JMP | BPF_JSET | BPF_K, mask, 1, 0);
    answer(SECCOMP_RET_ALLOW);
    answer(SECCOMP_RET_ERRNO | EACCES);
  }
  void allow_equal(int call, int argument, std::uint32_t value) {
    add(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(call), 0, 4);
    load(low_word(argument));
    add(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1);
    answer(SECCOMP_RET_ALLOW);
    answer(SECCOMP_RET_ERRNO | EPERM);
  }
  std::vector<sock_filter> lines_;
};

}  // namespace

void limit_process() {
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_FSIZE, 0);
  limit(RLIMIT_NOFILE, kMaxFiles);
  limit(RLIMIT_NPROC, 0);
  const rlimit seconds{kMaxSeconds, kMaxSeconds};
  ::setrlimit(RLIMIT_CPU, &seconds);
  ::prctl(PR_SET_DUMPABLE, 0);         // no other process of the user looks into it
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // it does not outlive who waits for it
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

bool confine(Reading reading, std::uint64_t memory, std::string& walls, std::string& why) {
  walls = "limits";
  if (kLimitsAddresses) limit(RLIMIT_AS, address_space() + memory);
  if (leave_network()) walls += ", no network";
  bool reads = false;
  if (reading == Reading::kFonts) {
    reads = restrict_files();
    walls += reads ? ", Landlock" : "";
  }
  if (!Filter(reads ? Reading::kFonts : Reading::kNothing).install()) {
    why = std::string("the kernel takes no filter of system calls: ") + std::strerror(errno);
    return false;
  }
  walls += ", seccomp";
  if (reading == Reading::kFonts && !reads) walls += " (no Landlock: fonts that are not in the file are missing)";
  return true;
}

std::string find_lack() {
  for (const char* path : {"/usr/share", "/etc/fonts/conf.d"}) {
    const int folder = ::open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0 && errno != ENOENT) return std::string("it cannot list ") + path + ", so it finds no font";
    if (folder >= 0) ::close(folder);
  }
  return {};
}

std::string find_hole() {
  if (::socket(AF_INET, SOCK_STREAM, 0) >= 0) return "it can open a socket";
  if (::socket(AF_UNIX, SOCK_STREAM, 0) >= 0) return "it can open a local socket";
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  if (child > 0) return "it can start a process";
  char word[] = "/bin/true";
  char* const words[] = {word, nullptr};
  ::execv(word, words);  // what comes back has failed
  for (const char* path : {"/etc/passwd", "/proc/self/environ", "/proc/self/mem", "/root", "/home", "/tmp"}) {
    if (::open(path, O_RDONLY) >= 0) return std::string("it can read ") + path;
  }
  for (const char* path : {"/tmp/hearth-media-hole", "/dev/null", "/usr/share/hearth-media-hole"}) {
    if (::open(path, O_WRONLY | O_CREAT, 0600) >= 0) return std::string("it can write ") + path;
  }
  if (::mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED) {
    return "it can make memory that runs";
  }
  if (::kill(::getppid(), 0) == 0) return "it can send signals";
  rlimit memory{};
  if (::syscall(SYS_prlimit64, ::getppid(), RLIMIT_AS, nullptr, &memory) == 0) return "it can see its parent's limits";
  return {};
}

}  // namespace hearth::media
