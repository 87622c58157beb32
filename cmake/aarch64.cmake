# Toolchain for 64-bit ARM: Debian's gcc-aarch64-linux-gnu, and arm64 packages unpacked in the folder SLUICE_SYSROOT
# (scripts/cross-aarch64 makes it). Programs run by qemu-user-static where that is installed, so ctest works.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)

set(SLUICE_SYSROOT "$ENV{SLUICE_SYSROOT}" CACHE PATH "Folder of the unpacked arm64 packages")
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES SLUICE_SYSROOT)
set(CMAKE_SYSROOT ${SLUICE_SYSROOT})
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)
foreach(kind LIBRARY INCLUDE PACKAGE)
  set(CMAKE_FIND_ROOT_PATH_MODE_${kind} ONLY)
endforeach()
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(ENV{PKG_CONFIG_SYSROOT_DIR} ${SLUICE_SYSROOT})
set(ENV{PKG_CONFIG_LIBDIR} ${SLUICE_SYSROOT}/usr/lib/aarch64-linux-gnu/pkgconfig:${SLUICE_SYSROOT}/usr/share/pkgconfig)

find_program(SLUICE_QEMU_AARCH64 qemu-aarch64-static)
if(SLUICE_QEMU_AARCH64)
  set(CMAKE_CROSSCOMPILING_EMULATOR ${SLUICE_QEMU_AARCH64} -L ${SLUICE_SYSROOT})
endif()
