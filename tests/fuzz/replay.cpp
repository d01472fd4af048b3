// SPDX-License-Identifier: Apache-2.0
// A fuzz target as an ordinary test: all seeds, then ROUNDS mixtures of them, the same every
// time.  It needs no instrumentation, so it is built with every change; what only guidance
// finds, ./tools/fuzz does.  `replay ROUNDS SEEDS...`, or `replay FILE` for one input.  One thread.
#include "tests/fuzz/fuzz.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define WITH_ASAN
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WITH_ASAN
#endif
#endif
#ifdef WITH_ASAN
extern "C" void __sanitizer_set_death_callback(void (*callback)());
#endif

namespace {

constexpr std::size_t longest = 4096;
constexpr unsigned patience_s = 120;            // for one input, on the slowest of machines
constexpr std::chrono::seconds whole_time{30};  // later inputs are skipped

std::string input, finding;

/// Saves an input that breaks a promise, as a file for `replay FILE`.
void keep_input() {
    std::ofstream(finding, std::ios::binary) << input;
    std::fprintf(stderr, "\nThe input is kept in the file %s.\n", std::filesystem::absolute(finding).c_str());
}
void on_signal(int number) {
    keep_input();
    std::signal(number, SIG_DFL);
    std::raise(number);
}

void run(std::string text) {
    input = std::move(text);
    ::alarm(patience_s);
    // A buffer of its own, so that a byte read behind it is noticed.
    const std::vector<std::uint8_t> bytes(input.begin(), input.end());
    LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
}

std::string read(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> read_seeds(const std::vector<std::filesystem::path>& folders) {
    std::vector<std::filesystem::path> files;
    for (const auto& folder : folders)
        if (std::filesystem::is_directory(folder))
            for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
                if (entry.is_regular_file()) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    std::vector<std::string> seeds;
    for (const auto& file : files) seeds.push_back(read(file).substr(0, longest));
    return seeds;
}

/// Words of the seeds, of JSON, of HTTP and of trouble.
class Mixer {
public:
    explicit Mixer(const std::vector<std::string>& seeds) : seeds_(seeds) {
        for (const std::string& seed : seeds) {
            constexpr std::string_view ends = " \t\r\n\",:{}[]=.";
            for (std::size_t at = 0; at < seed.size();) {
                const std::size_t end = std::min(seed.find_first_of(ends, at), seed.size());
                if (end - at > 2 && end - at < 40) words_.push_back(seed.substr(at, end - at));
                at = end + 1;
            }
        }
        std::sort(words_.begin(), words_.end());
        words_.erase(std::unique(words_.begin(), words_.end()), words_.end());
        for (std::string_view trouble :
             {std::string_view("\0", 1),        std::string_view("\xff"),
              std::string_view("\xEF\xBB\xBF"), std::string_view("\r\n"),
              std::string_view("\n\n"),         std::string_view("\r"),
              std::string_view("data: "),       std::string_view("event: "),
              std::string_view("[DONE]"),       std::string_view("\\ud800"),
              std::string_view("\\u0000"),      std::string_view("null"),
              std::string_view("true"),         std::string_view("{}"),
              std::string_view("[]"),           std::string_view("-1"),
              std::string_view("1e999"),        std::string_view("18446744073709551616"),
              std::string_view("\""),           std::string_view("{\"a\":"),
              std::string_view("[[[[[[[["),     std::string_view("\xed\xa0\x80")})
            words_.emplace_back(trouble);
    }

    std::string next() {
        std::string text = one(seeds_);
        for (std::size_t steps = 1 + below(4); steps > 0; --steps) change(text);
        text.resize(std::min(text.size(), longest));
        return text;
    }

private:
    std::size_t below(std::size_t limit) { return limit == 0 ? 0 : random_() % limit; }
    const std::string& one(const std::vector<std::string>& of) { return of[below(of.size())]; }

    void change(std::string& text) {
        const std::size_t at = below(text.size() + 1),
                          size = below(std::min<std::size_t>(text.size() - at, 64) + 1);
        switch (below(8)) {
            case 0: text.insert(at, one(words_)); break;
            case 1: text.replace(at, size, one(words_)); break;
            case 2: text.erase(at, size); break;
            case 3: text.insert(at, text.substr(below(text.size() + 1), 64)); break;
            case 4: text.resize(at); break;
            case 5: {
                const std::string& other = one(seeds_);
                text.replace(at, std::string::npos, other.substr(below(other.size() + 1)));
                break;
            }
            case 6:
                if (at < text.size()) text[at] = static_cast<char>(below(256));
                break;
            default:
                if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << below(8)));
        }
    }

    const std::vector<std::string>& seeds_;
    std::vector<std::string> words_;
    std::minstd_rand random_{1};
};

}  // namespace

int main(int count, char** arguments) {
    finding = std::filesystem::path(arguments[0]).filename().string() + "-finding";
    std::signal(SIGABRT, on_signal);
    std::signal(SIGALRM, on_signal);
#ifdef WITH_ASAN
    __sanitizer_set_death_callback(keep_input);
#else
    std::signal(SIGSEGV, on_signal);
#endif
    if (count < 2) return std::fputs("replay ROUNDS SEEDS..., or replay FILE\n", stderr), 2;
    if (count == 2) {
        run(read(arguments[1]));
        return 0;
    }
    const std::vector<std::string> seeds = read_seeds({arguments + 2, arguments + count});
    const int rounds = std::atoi(arguments[1]);
    gatehouse::fuzz::promise(!seeds.empty() && rounds > 0, "there are seeds and rounds");
    const auto start = std::chrono::steady_clock::now();
    for (const std::string& seed : seeds) run(seed);
    Mixer mixer(seeds);
    int done = 0;
    while (done < rounds && std::chrono::steady_clock::now() - start < whole_time) {
        run(mixer.next());
        ++done;
    }
    std::printf("%zu seeds, %d of %d mixtures\n", seeds.size(), done, rounds);
    return 0;
}
