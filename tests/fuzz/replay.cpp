// SPDX-License-Identifier: Apache-2.0
//
// Runs a fuzz target once over every seed of its corpus: the main() of the fuzz targets in every
// preset but host-fuzz, where libFuzzer brings one. So each seed is a regression test on every
// target. An empty corpus fails, as it would test nothing.
//
//     NAME_replay CORPUS
#include <dirent.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size_bytes);

namespace {

std::vector<std::string> files_in(const std::string& folder) {
    std::vector<std::string> files;
    DIR* directory = opendir(folder.c_str());
    if (directory == nullptr) return files;
    while (const dirent* entry = readdir(directory)) {
        if (entry->d_name[0] != '.') files.push_back(folder + "/" + entry->d_name);
    }
    closedir(directory);
    std::sort(files.begin(), files.end());
    return files;
}

bool read_whole(const std::string& path, std::vector<uint8_t>& bytes) {
    FILE* file = std::fopen(path.c_str(), "rb");
    if (file == nullptr) return false;
    bytes.clear();
    uint8_t block[4096];
    while (size_t got = std::fread(block, 1, sizeof block, file)) {
        bytes.insert(bytes.end(), block, block + got);
    }
    const bool whole = std::ferror(file) == 0;
    std::fclose(file);
    return whole;
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 2) return 2;
    const std::vector<std::string> files = files_in(arguments[1]);
    std::vector<uint8_t> bytes;
    for (const std::string& file : files) {
        if (!read_whole(file, bytes)) {
            std::fprintf(stderr, "cannot read %s\n", file.c_str());
            return 1;
        }
        std::printf("%s\n", file.c_str());
        std::fflush(stdout);
        LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
    }
    std::printf("%zu seeds\n", files.size());
    return files.empty() ? 1 : 0;
}
